"""What goes together, learned from outfits: item vectors as sums that can be taken apart again."""

from wearwhy.learn.outfits.model import OutfitModel, Projection, Token
from wearwhy.learn.outfits.pairing import Pairing, Part

__all__ = ["OutfitModel", "Pairing", "Part", "Projection", "Token"]
