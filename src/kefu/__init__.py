"""kefu (客服): a self-hosted, Chinese-first AI customer-service engine. Start at turn.py."""
