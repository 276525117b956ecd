#include "controller/runtime/event_recorder.hpp"

#include "controller/clients/kube/api.hpp"
#include "libs/async/task_group.hpp"
#include "tests/support/kube_session.hpp"
#include "tests/support/test_control_plane.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <prometheus/registry.h>

namespace chatflow::runtime {
namespace {

using nlohmann::json;
using test::KubeSession;
using test::TestControlPlane;
using namespace std::chrono_literals;

class EventRecording : public testing::Test {
 protected:
    EventNote a_note(const std::string& text) const {
        return {.regarding = {.api_version = "v1",
                              .kind = "ConfigMap",
                              .name_space = namespace_,
                              .name = "one",
                              .uid = "11111111-2222-3333-4444-555555555555"},
                .reason = "ScaledUp",
                .action = "Scale",
                .note = text};
    }

    void flush() { session_.run(recorder_.flush(Deadline::after(20s))); }

    std::vector<json> events() {
        const kube::Resource events{.group = "events.k8s.io",
                                    .version = "v1",
                                    .plural = "events",
                                    .name_space = namespace_};
        std::vector<json> all;
        kube::ListSink sink{.item = [&](json& item) { all.push_back(std::move(item)); },
                            .restart = [&] { all.clear(); }};
        session_.run(session_.client().list(events, {}, sink, Deadline::after(20s)));
        return all;
    }

    KubeSession session_{TestControlPlane::shared().access()};
    std::string namespace_ = session_.make_namespace();
    prometheus::Registry registry_;
    RuntimeMetrics metrics_{registry_};
    Log log_{"test", LogLevel::Error};
    EventRecorder recorder_{
        session_.io().get_executor(), session_.client(), session_.clock(), log_, metrics_,
        {.instance = "pod-1"}};
};

TEST_F(EventRecording, TellsWhatKubectlShows) {
    recorder_.record(a_note("Scaled from 2 to 4 replicas"));
    flush();
    const auto told = events();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0]["reason"], "ScaledUp");
    EXPECT_EQ(told[0]["action"], "Scale");
    EXPECT_EQ(told[0]["type"], "Normal");
    EXPECT_EQ(told[0]["note"], "Scaled from 2 to 4 replicas");
    EXPECT_EQ(told[0]["regarding"]["name"], "one");
    EXPECT_EQ(told[0]["reportingController"], "chatflow.dev/operator");
    EXPECT_EQ(told[0]["reportingInstance"], "pod-1");
}

TEST_F(EventRecording, RepetitionsRaiseTheCountOfOneEvent) {
    for (int i = 0; i < 20; ++i) recorder_.record(a_note("No metrics"));
    flush();
    auto told = events();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0]["series"]["count"], 20);
    recorder_.record(a_note("No metrics"));
    recorder_.record(a_note("Metrics are back"));
    flush();
    told = events();
    ASSERT_EQ(told.size(), 2U);
    const auto& repeated = told[0]["note"] == "No metrics" ? told[0] : told[1];
    EXPECT_EQ(repeated["series"]["count"], 21);
}

TEST_F(EventRecording, AnEventThatHasExpiredIsToldAnew) {
    recorder_.record(a_note("No metrics"));
    flush();
    kube::Api<api::Event> api(session_.client(), namespace_);
    session_.run(api.remove(events().at(0)["metadata"]["name"], {}, Deadline::after(20s)));
    recorder_.record(a_note("No metrics"));  // finds that it has gone
    flush();
    recorder_.record(a_note("No metrics"));
    flush();
    EXPECT_EQ(events().size(), 1U);
}

TEST_F(EventRecording, ATextThatIsTooLongIsCutBetweenCharacters) {
    std::string text;
    while (text.size() < 2 * api::kEventNoteMax) text += "ü";
    recorder_.record(a_note("x" + text));
    flush();
    ASSERT_EQ(events().size(), 1U);
    const std::string note = events()[0]["note"];
    EXPECT_EQ(note.size(), api::kEventNoteMax - 1);  // the last ü would have been cut in two
}

TEST_F(EventRecording, TellsInTheBackgroundWhileItRuns) {
    TaskGroup tasks(session_.io().get_executor(),
                    [](const std::exception_ptr&) { ADD_FAILURE() << "the recorder ended"; });
    tasks.spawn(recorder_.run());
    recorder_.record(a_note("Scaled"));
    while (events().empty()) session_.run(session_.clock().sleep_for(10ms));
    tasks.cancel();
    session_.run(tasks.wait());
    EXPECT_EQ(recorder_.pending(), 0U);
}

}  // namespace
}  // namespace chatflow::runtime
