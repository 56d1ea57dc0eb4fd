"""决策 decision: what is the target, and which measure reaches it?"""
