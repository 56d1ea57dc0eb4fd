"""现状 status: what is happening now, and is it abnormal?"""
