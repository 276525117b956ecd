#pragma once

#include <string>

namespace chatflow::api {

/// Certificates for every connection to PostgreSQL: of clients, poolers, replication and the
/// operator.
struct PostgresTls {
    bool enabled = false;
    std::string existing_secret;  // tls.crt, tls.key, ca.crt; empty: an authority of its own
    bool required = false;        // clients may not come in the clear
    bool operator==(const PostgresTls&) const = default;
};

}  // namespace chatflow::api
