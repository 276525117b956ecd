// A target needs a source; these exist for their precompiled headers.
