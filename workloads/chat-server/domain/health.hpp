#pragma once

#include <string>
#include <vector>

namespace chatflow::chat {

/// One thing that chat-server needs or profits from.
struct Dependency {
    std::string name;
    bool is_up = false;
    bool is_required = true;  // without it requests fail; without the others they are slower
    std::string reason;       // why not up, or ""
};

/// What a probe is told.
struct Health {
    int status = 200;  // of HTTP: 200 or 503
    std::string json;  // {"status":"ready|degraded|unavailable|draining","checks":{…}}
};

/// Ready while every required dependency is up and the program does not shut down.
[[nodiscard]] Health judge_readiness(const std::vector<Dependency>& dependencies, bool is_draining);

}  // namespace chatflow::chat
