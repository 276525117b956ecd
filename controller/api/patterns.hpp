#pragma once

#include "controller/api/schema/shape.hpp"

#include <cstddef>

// The forms of text that Kubernetes has, for every table.
namespace chatflow::api::schema {

inline constexpr std::size_t kLabelMax = 63;  // RFC 1123: characters of one part of a DNS name
inline constexpr std::size_t kNameMax = 253;  // of a whole DNS name, as of an object
inline constexpr std::size_t kKeyMax = 317;   // of a label's key: prefix, '/', name

inline constexpr Pattern kDnsLabel{
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "a name of lowercase letters, digits and '-', with a letter or digit at both ends"};
inline constexpr Pattern kObjectName{
    "^[a-z0-9A-Z]([-a-z0-9A-Z_.:]*[a-z0-9A-Z])?$",
    "an object's name: letters, digits, '-' and '.', with a letter or digit at both ends"};
inline constexpr Pattern kApiVersion{"^([a-z0-9][-a-z0-9.]*/)?v[0-9][a-z0-9]*$",
                                     "an API version such as apps/v1"};
inline constexpr Pattern kKindName{"^[A-Z][A-Za-z0-9]*$", "a kind such as Deployment"};
inline constexpr Pattern kReason{"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
                                 "one CamelCase word such as MetricUnavailable"};
inline constexpr Pattern kConditionType{
    "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
    "one CamelCase word such as Ready"};

}  // namespace chatflow::api::schema
