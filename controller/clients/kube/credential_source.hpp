#pragma once

#include "controller/clients/http_transport.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <stdexcept>
#include <string>

namespace chatflow::kube {

/// Who we are towards the API server, now.
struct Credential {
    std::string authorization;  // the header's value: "Bearer …"; empty: none
    clients::TlsSettings tls;
};

/// No usable credential: a file is missing, a plugin failed or talks nonsense.
struct CredentialError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Where credentials come from; they rotate, so a client asks before each request.
class CredentialSource {
 public:
    virtual ~CredentialSource() = default;

    [[nodiscard]] virtual awaitable<Credential> current(Deadline deadline) = 0;

    /// The server answered 401: what is cached is no longer good.
    virtual void forget() = 0;
};

}  // namespace chatflow::kube
