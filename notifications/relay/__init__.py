"""From the channel layer to the sockets of this process: who may be there, in order, without gaps."""
