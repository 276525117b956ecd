#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"

#include <limits>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kWeekSeconds = 7 * 86'400;
constexpr std::size_t kQueryMax = 4096;  // characters
constexpr std::size_t kHashMax = 16;
constexpr std::size_t kWordMax = 253;

}  // namespace

template <>
const Struct<PredictionSpec>& table<PredictionSpec>() {
    using P = PredictionSpec;
    static const Struct<P> kTable{
        "PredictionSpec",
        "Replicas ahead of a load that comes again every day or week: only ever more than the "
        "metrics ask for, never fewer. Needs two periods of history in Prometheus.",
        {field("mode", &P::mode)
             .default_to(PredictionMode::Observe)
             .doc("Enforce raises replicas ahead of the load. Observe only tells what it expects. "
                  "Off asks nothing.")
             .example("Enforce"),
         field("query", &P::query)
             .size(0, kQueryMax)
             .doc("The load of the whole target as one series. Without it: the usage of cpu by "
                  "pods whose names begin with the target's, or the metric's own query.")
             .example("\"sum(rate(http_requests_total{service='chat'}[5m]))\""),
         field("periodSeconds", &P::period_seconds)
             .between(3600, kWeekSeconds)
             .unit("seconds")
             .doc("After which the load comes again. Without it a day and a week are tried, and "
                  "what did better is taken.")
             .example("86400"),
         field("coveragePercent", &P::coverage_percent)
             .default_to(95)
             .between(50, 99)
             .unit("percent")
             .doc("How often the load is to stay at or below what was expected.")
             .example("95"),
         field("leadSeconds", &P::lead_seconds)
             .default_to(60)
             .between(0, 3600)
             .unit("seconds")
             .doc("How long before the load its pods are asked for: as long as nearly all of them "
                  "take to become ready.")
             .example("60"),
         field("historyDays", &P::history_days)
             .default_to(15)
             .between(2, 30)
             .unit("days")
             .doc("How far back the load is read.")
             .example("15")}};
    return kTable;
}

template <>
const Struct<Forecast>& table<Forecast>() {
    using F = Forecast;
    static const Struct<F> kTable{
        "Forecast",
        "What was expected of the load, and what that was made from.",
        {field("state", &F::state).required().doc("Whether it is trusted."),
         field("reason", &F::reason)
             .size(0, kWordMax)
             .doc("Why: HistoryTooShort, CoverageLow, NoSkill, CoverageHeld, or why there is no "
                  "history."),
         field("slot", &F::slot)
             .style(TimeStyle::AsNeeded)
             .doc("From now to leadSeconds later, the slot with the greatest bound."),
         field("slotSeconds", &F::slot_seconds)
             .between(0, kInt32Max)
             .unit("seconds")
             .doc("Length of a slot."),
         field("model", &F::model).doc("Which did best."),
         field("periodSeconds", &F::period_seconds)
             .between(0, kInt32Max)
             .unit("seconds")
             .doc("The period that it uses."),
         field("expected", &F::expected).doc("The load in that slot."),
         field("bound", &F::bound).doc("What the load stays below, as often as asked for."),
         field("coveragePermille", &F::coverage_permille)
             .between(0, 1000)
             .doc("How many of the last bounds held, in thousandths."),
         field("measuredSlots", &F::measured_slots)
             .between(0, kInt32Max)
             .doc("How many bounds that is."),
         field("historySlots", &F::history_slots)
             .between(0, kInt32Max)
             .doc("Slots of history it was made from."),
         field("historyHash", &F::history_hash).size(0, kHashMax).doc("FNV-1a of that history.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
