#pragma once

#include "controller/api/scaling_policy.hpp"

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace chatflow::api {

using Labels = std::map<std::string, std::string>;

/// Reads the serialized form that status.selector of a Scale has: "app=chat,tier in (a,b),!canary".
/// The error is a sentence. The empty text selects everything.
[[nodiscard]] std::expected<LabelSelector, std::string> parse_label_selector(std::string_view text);

/// The serialized form, as the API server takes it in ?labelSelector=.
[[nodiscard]] std::string to_string(const LabelSelector& selector);

/// A selector without any requirement matches everything.
[[nodiscard]] bool matches(const LabelSelector& selector, const Labels& labels);

}  // namespace chatflow::api
