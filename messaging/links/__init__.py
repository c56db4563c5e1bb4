"""Links to messages: copied from a menu, and quoted in other messages for those who may read what they lead to."""
