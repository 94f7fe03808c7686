"""Pack to model artefact: annotated examples in, plain arrays out. Offline; needs the extra `train`."""
