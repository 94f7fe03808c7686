"""Training of the networks: the compact encoder and BERT-type checkpoints. Needs PyTorch."""
