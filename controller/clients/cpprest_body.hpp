#pragma once

#include "controller/clients/exchange.hpp"

#include <memory>

#include <cpprest/streams.h>

namespace chatflow::clients {

/// A stream of the library that puts a response's body into `exchange`. The library writes the
/// next piece only when the last one was taken, so a slow reader slows the peer down.
[[nodiscard]] Concurrency::streams::ostream body_into(std::shared_ptr<Exchange> exchange);

}  // namespace chatflow::clients
