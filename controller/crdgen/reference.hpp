#pragma once

#include "controller/crdgen/kinds.hpp"

#include <string>

namespace chatflow::crdgen {

/// The reference page of a kind in Markdown: one table per struct, in the order of first use.
[[nodiscard]] std::string reference_of(const CustomKind& kind);

}  // namespace chatflow::crdgen
