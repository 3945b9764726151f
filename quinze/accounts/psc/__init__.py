"""Pro Santé Connect: the national way of proving who a health professional is (OpenID Connect).

identity   what its claims say              tokens    is this token really for us, now
provider   allauth's client, made stricter  arrival   from a proven identity to a session, or to a first login
refusals   what is said when it fails
"""
