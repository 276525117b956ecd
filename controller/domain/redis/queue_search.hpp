#pragma once

#include "controller/domain/redis/view.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// The search for queues of BullMQ among the keys of all masters. A visit sees a part of the keys
/// and the next one goes on behind it; once every master is through, the round is over.
class QueueSearch {
 public:
    /// Where SCAN goes on at this master; empty when the round is through with it.
    [[nodiscard]] std::string cursor_at(const Endpoint& master) const;
    /// What SCAN answered there.
    void heard(const Endpoint& master, std::string cursor, const std::vector<std::string>& keys);
    /// After a visit: what is known, by name; masters that are gone are left out of the round.
    [[nodiscard]] std::vector<std::string> known(const std::vector<Endpoint>& masters);

 private:
    std::map<Endpoint, std::string> cursors_;  // empty: through
    std::set<std::string> found_;              // in this round
    std::set<std::string> before_;             // in the round before
};

}  // namespace chatflow::redis_topology
