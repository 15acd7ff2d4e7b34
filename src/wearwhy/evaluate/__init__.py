"""How well what the engine says agrees with what people did: lifts with intervals, controls beside."""
