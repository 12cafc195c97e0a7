"""Call SQL functions over direct connections or over the Data API of a Supabase project."""
