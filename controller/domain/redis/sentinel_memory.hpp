#pragma once

#include <map>
#include <string>

namespace chatflow::redis_topology {

/// Where servers are, by the name of their Service.
using Addresses = std::map<std::string, std::string>;

/// One line "NAME ADDRESS" each, as a Sentinel's folder keeps it from one start to the next.
[[nodiscard]] std::string to_text(const Addresses& addresses);
[[nodiscard]] Addresses addresses_from(const std::string& text);

/// A Sentinel's file with every server at its present address: Services that were made anew have
/// others. When any has moved, replicas and Sentinels that no name leads to are left out: the
/// master and the peers tell of them again. Empty when nobody knows where the master went.
[[nodiscard]] std::string with_present_addresses(const std::string& kept, const Addresses& before,
                                                 const Addresses& now);

}  // namespace chatflow::redis_topology
