"""What the tracking core carries, side by side with its bare limits: `make bench`."""
