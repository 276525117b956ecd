#pragma once

#include "controller/clients/kube/options.hpp"
#include "libs/base/deadline.hpp"

#include <chrono>
#include <string>

namespace chatflow::kube {

struct WatchOptions {
    Selection selection;
    std::string resource_version;       // go on from here; empty with initial events: from now
    bool send_initial_events = false;   // WatchList: the present objects first, as ADDED events
    std::chrono::seconds timeout{300};  // the server ends the watch after this
    std::chrono::steady_clock::duration idle_timeout = std::chrono::seconds(120);
    Deadline head_by = Deadline::after(std::chrono::seconds(30));
};

}  // namespace chatflow::kube
