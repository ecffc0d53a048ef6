"""Fixes of trips: tracks locked and folded, folded anew, arrivals, silences."""
