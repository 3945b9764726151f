"""A fictitious France at full size: real communes, invented people, for benches, rehearsals and load tests."""
