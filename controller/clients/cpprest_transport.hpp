#pragma once

#include "controller/clients/http_transport.hpp"

#include <cstddef>
#include <memory>

namespace chatflow::clients {

/// A transport over cpprestsdk. Its sources are the only ones that see that library: upstream has
/// archived it, and another transport has to be able to replace it.
[[nodiscard]] std::unique_ptr<HttpTransport> make_cpprest_transport(HttpEndpoint endpoint);

/// How many threads all transports of this program share; later calls, and calls after the first
/// transport was made, change nothing. Without it: 4.
void set_cpprest_threads(std::size_t threads);

}  // namespace chatflow::clients
