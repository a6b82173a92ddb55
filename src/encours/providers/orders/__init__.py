"""Readers of orders and deliveries."""
