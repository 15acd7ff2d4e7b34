"""Outside data in: tables, shop exports, RDF, weather, calendars; and a wardrobe back out."""
