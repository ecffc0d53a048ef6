"""Cities, border posts and dry ports by any of their names."""
