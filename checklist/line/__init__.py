"""Line mode: a walk in plain sentences, equal in power to the full screen, for people who cannot use one."""
