#include "controller/cli/topology_text.hpp"

#include "controller/cli/paragraphs.hpp"

#include <chrono>
#include <sstream>
#include <string>

#include <gmock/gmock.h>

namespace chatflow::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const TimePoint kNow = TimePoint{} + 1000h;

api::PostgresTopology a_topology(const std::string& name) {
    api::PostgresTopology topology;
    topology.metadata.name = name;
    topology.metadata.name_space = "chat";
    api::PostgresTopologyStatus& status = topology.status;
    status.members_ready = "2/3";
    status.services.read_write = name + "-rw";
    status.services.read_only = name + "-ro";
    status.instances = {
        {.name = name + "-0", .role = api::InstanceRole::Primary, .state = "running"},
        {.name = name + "-1",
         .role = api::InstanceRole::SyncStandby,
         .state = "creating replica",
         .timeline = 104,
         .lag_bytes = std::int64_t{300} << 30,
         .pending_restart = true}};
    status.last_transition = api::PostgresTransition{
        .from = name + "-1", .to = name + "-0", .at = kNow - 90s, .planned = true};
    status.actions = {{.kind = "Switchover",
                       .instance = name + "-1",
                       .reason = "switchover a1 was asked for",
                       .at = kNow - 90s}};
    return topology;
}

void add(api::PostgresTopology& topology, const char* type, bool holds, const char* message) {
    topology.status.conditions.push_back(
        {.type = type,
         .status = holds ? api::ConditionStatus::True : api::ConditionStatus::False,
         .reason = "AReasonOfThirtyTwoCharactersOrSo",
         .message = message});
}

TEST(TopologyText, SaysWhatIsFencedAndThatTheOperatorIsPaused) {
    auto topology = a_topology("db");
    EXPECT_THAT(topology_text(topology, kNow), Not(HasSubstr("Fenced")));
    add(topology, "Fenced", true, "PostgreSQL of db-1 is stopped");
    add(topology, "Paused", true, "the operator leaves the pods alone");
    const std::string text = topology_text(topology, kNow);
    EXPECT_THAT(text, HasSubstr("PostgreSQL of db-1 is stopped"));
    EXPECT_THAT(text, HasSubstr("the operator leaves the pods alone"));
    topology.status.conditions.clear();
    add(topology, "Paused", false, "the operator carries out changes");
    EXPECT_THAT(topology_text(topology, kNow), Not(HasSubstr("carries out changes")));
}

TEST(TopologyText, FitsATerminalOf80Columns) {
    auto topology = a_topology(std::string(45, 'n'));
    for (const char* type : {"Ready", "SyncReplicationHealthy", "Fenced", "Paused", "Stalled"}) {
        add(topology, type, true,
            "a sentence that is longer than a line of such a terminal, and that says what to do");
    }
    std::istringstream lines(topology_text(topology, kNow));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), kColumnsMax) << line;
    }
}

}  // namespace
}  // namespace chatflow::cli
