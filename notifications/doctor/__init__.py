"""What `manage.py push_doctor` tries, and the heartbeats that it reads."""
