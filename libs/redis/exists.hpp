#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <string>
#include <vector>

namespace chatflow::redis {

class Client;

/// Which of the keys exist, in their order: an EXISTS each, sent together, in a cluster to the node
/// of each key. Throws as Client::call; then all of them have ended.
[[nodiscard]] awaitable<std::vector<bool>> exist(Client& client, std::vector<std::string> keys,
                                                 Deadline deadline);

}  // namespace chatflow::redis
