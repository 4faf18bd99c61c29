"""What several tests need: small checkpoints made on the spot."""
