"""The pages of the room, by what people do there."""
