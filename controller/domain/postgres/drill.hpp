#pragma once

#include "controller/api/postgres_topology.hpp"
#include "libs/base/time.hpp"

#include <optional>
#include <string>

namespace chatflow::postgres {

/// The topology that a restore drill makes: NAME-drill, of a long name its beginning and a hash.
[[nodiscard]] std::string drill_name(const std::string& topology);

/// What is there of it.
struct SeenDrill {
    bool exists = false;
    bool is_primary_available = false;
    std::string message;  // of its condition PrimaryAvailable
};

enum class DrillWork { None, Create, Delete };

struct DrillPlan {
    DrillWork work = DrillWork::None;
    std::optional<api::PostgresDrillStatus> status;  // after the work; none: there was none ever
};

/// One drill at a time, and none before there is a backup. What a drill has made is deleted when
/// its outcome is known, whatever it is. `before`: as it was written last.
[[nodiscard]] DrillPlan plan_drill(const std::optional<api::PostgresDrill>& drill,
                                   const std::optional<api::PostgresDrillStatus>& before,
                                   bool has_backup, const SeenDrill& seen, TimePoint now);

/// The drill that the API server has refused to make, in its words.
[[nodiscard]] api::PostgresDrillStatus refused_drill(api::PostgresDrillStatus begun,
                                                     const std::string& words, TimePoint now);

/// One member of the same size, restored from the repository of `topology` to the end.
[[nodiscard]] api::PostgresTopologySpec drill_spec(const api::PostgresTopology& topology);

}  // namespace chatflow::postgres
