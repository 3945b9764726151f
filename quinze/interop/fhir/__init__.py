"""The official FHIR interfaces of the SAS: one module per resource, one per flow."""
