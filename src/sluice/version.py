"""The one place where the version stands; the build, the command line and the wire read it here."""

VERSION = "0.1.0"
