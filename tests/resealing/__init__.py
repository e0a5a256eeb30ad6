"""Tests of sealing everything anew."""
