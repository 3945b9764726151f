"""How many people are needed, when, and who: studies of capacity, forecasts, rosters."""
