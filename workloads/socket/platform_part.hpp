#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"

#include <memory>
#include <string>

namespace chatflow::socket {

class Application;
class Clients;
class PlatformObserver;
struct Config;

/// Everything that the platform's application is made of: its client of Redis, its keys, the
/// platform itself. One executor, the gateway's.
class PlatformPart {
 public:
    /// Throws std::runtime_error when the keys cannot be used. What is referred to outlives it.
    PlatformPart(asio::any_io_executor executor, const Config& config, Clients& clients,
                 PlatformObserver& observer, Log log);
    ~PlatformPart();
    PlatformPart(const PlatformPart&) = delete;
    PlatformPart& operator=(const PlatformPart&) = delete;

    [[nodiscard]] Application& application();

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// Ends what is under way and gives back what clients held in Redis; while run() still runs.
    [[nodiscard]] awaitable<void> finish(Deadline deadline);

    /// Why clients cannot be served now, for readiness; "" when they can.
    [[nodiscard]] std::string trouble() const;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace chatflow::socket
