"""判定依据: an outcome of the engine made ready to read: what holds, by which row, which values met which test, which text."""
