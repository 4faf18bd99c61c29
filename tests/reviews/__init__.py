"""Reading labelled reviews."""
