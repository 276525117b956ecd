#pragma once

#include "controller/clients/http_transport.hpp"

#include <string_view>

struct ssl_ctx_st;

namespace chatflow::clients {

/// Prepares the TLS context of one connection: TLS 1.2 or newer, only the given authorities (the
/// system's where none are given), our certificate. Throws TransportError for unusable PEM.
void set_up_tls(ssl_ctx_st& context, const TlsSettings& tls);

/// "10.96.0.1" and "fd00::1" are, "kubernetes.default.svc" is not.
[[nodiscard]] bool is_address(std::string_view host);

}  // namespace chatflow::clients
