#pragma once

#include "controller/domain/tls/kept.hpp"

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::tls {

/// A Secret as the API server has it; nothing where there is none.
using Secret = std::optional<nlohmann::json>;

/// What the user's own Secret holds.
[[nodiscard]] Certificates given_in(const Secret& server);

/// What the operator's two hold. Missing or damaged parts are empty.
[[nodiscard]] Certificates kept_in(const Secret& server, const Secret& authority);

/// `data` of a Secret: "tls.crt", "tls.key" and "ca.crt", in base64.
[[nodiscard]] std::map<std::string, std::string> secret_data(const certificates::Pair& pair,
                                                             const std::string& authorities);

}  // namespace chatflow::tls
