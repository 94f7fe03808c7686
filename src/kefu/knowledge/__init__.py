"""FAQ, documents, products: indexed, searched, versioned."""
