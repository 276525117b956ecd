#include "controller/api/patterns.hpp"
#include "controller/api/tables.hpp"
#include "libs/base/cron.hpp"

#include <limits>

namespace chatflow::api::schema {

namespace {

constexpr std::int32_t kReplicasMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kDaySeconds = 86'400;
constexpr std::size_t kReasonMax = 256;  // characters
constexpr std::size_t kCronMax = 128;
constexpr std::size_t kZoneMax = 64;

// The characters only; Cron::parse() knows the rest, where the controller and the tools read it.
constexpr Pattern kCron{"^([-0-9A-Za-z*,/]+[ \\t]+){4}[-0-9A-Za-z*,/]+$",
                        "five crontab fields, such as 0 8 * * 1-5"};
constexpr Pattern kZone{"^[A-Za-z][-A-Za-z0-9_+]*(/[-A-Za-z0-9_+]+)*$",
                        "an IANA time zone such as Europe/Berlin"};

// An API server cannot know a zone or a crontab: these two hold there whatever is given.
constexpr std::string_view kStartCel = "size(self.start) > 0";
constexpr std::string_view kEndCel = "size(self.end) > 0";
constexpr std::string_view kZoneCel = "!has(self.timeZone) || size(self.timeZone) > 0";

}  // namespace

template <>
const Struct<ScalingSchedule>& table<ScalingSchedule>() {
    using S = ScalingSchedule;
    static const Struct<S> kTable{
        "ScalingSchedule",
        "Other bounds from each start to the next end. Of schedules that overlap, the later in the "
        "list wins, for each bound that it sets; if minReplicas then exceeds maxReplicas, "
        "minReplicas holds.",
        {field("name", &S::name)
             .required()
             .size(1, kLabelMax)
             .form(kDnsLabel)
             .doc("What decisions, events and metrics call it.")
             .example("office-hours"),
         field("start", &S::start)
             .required()
             .size(9, kCronMax)
             .form(kCron)
             .doc("When it begins, as five crontab fields: minute, hour, day of the month, month, "
                  "day of the week. A local time that a clock change leaves out comes when the "
                  "clock has changed; one that comes twice counts the first time.")
             .example("\"0 8 * * 1-5\""),
         field("end", &S::end)
             .required()
             .size(9, kCronMax)
             .form(kCron)
             .doc("When it ends, in the same form.")
             .example("\"0 20 * * 1-5\""),
         field("timeZone", &S::time_zone)
             .default_to("UTC")
             .size(1, kZoneMax)
             .form(kZone)
             .doc("The IANA time zone of start and end.")
             .example("Europe/Berlin"),
         field("minReplicas", &S::min_replicas)
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("Instead of spec.minReplicas; it may be more or less.")
             .example("6"),
         field("maxReplicas", &S::max_replicas)
             .between(1, kReplicasMax)
             .unit("pods")
             .doc("Instead of spec.maxReplicas; it may be more or less.")
             .example("40")},
        {rule<S>(
             "has(self.minReplicas) || has(self.maxReplicas)",
             [](const S& s) { return s.min_replicas.has_value() || s.max_replicas.has_value(); },
             "", "must set minReplicas, maxReplicas or both"),
         rule<S>(
             "!has(self.minReplicas) || !has(self.maxReplicas) || "
             "self.maxReplicas >= self.minReplicas",
             [](const S& s) {
                 return !s.min_replicas || !s.max_replicas || *s.max_replicas >= *s.min_replicas;
             },
             "maxReplicas", "must be at least minReplicas ({minReplicas}), not {maxReplicas}"),
         rule<S>(
             "self.start != self.end", [](const S& s) { return s.start != s.end; }, "end",
             "must differ from start ({start})"),
         rule<S>(
             kStartCel, [](const S& s) { return Cron::parse(s.start).has_value(); }, "start",
             "must be five crontab fields of which the day comes some time, not {start}"),
         rule<S>(
             kEndCel, [](const S& s) { return Cron::parse(s.end).has_value(); }, "end",
             "must be five crontab fields of which the day comes some time, not {end}"),
         rule<S>(
             kZoneCel, [](const S& s) { return find_time_zone(s.time_zone) != nullptr; },
             "timeZone", "must be an IANA time zone such as Europe/Berlin, not {timeZone}")}};
    return kTable;
}

template <>
const Struct<ScalingOverride>& table<ScalingOverride>() {
    using O = ScalingOverride;
    static const Struct<O> kTable{
        "ScalingOverride",
        "So many pods until then, whatever metrics, windows, rates, schedules and minReplicas say.",
        {field("replicas", &O::replicas)
             .required()
             .between(0, kReplicasMax)
             .unit("pods")
             .doc("How many; at most spec.maxReplicas.")
             .example("8"),
         field("reason", &O::reason)
             .required()
             .size(1, kReasonMax)
             .doc("Why; status, events and explain show it.")
             .example("\"launch of the new app\""),
         field("until", &O::until)
             .required()
             .style(TimeStyle::AsNeeded)
             .doc("When it ends by itself.")
             .example("\"2026-12-01T00:00:00Z\"")}};
    return kTable;
}

template <>
const Struct<ScalingPause>& table<ScalingPause>() {
    using P = ScalingPause;
    static const Struct<P> kTable{
        "ScalingPause",
        "No change in the directions named until then, whatever metrics, schedules and bounds say.",
        {field("scaleUp", &P::scale_up)
             .default_to(false)
             .doc("Whether replicas stay when more are asked for.")
             .example("false"),
         field("scaleDown", &P::scale_down)
             .default_to(false)
             .doc("Whether replicas stay when fewer are asked for.")
             .example("true"),
         field("reason", &P::reason)
             .required()
             .size(1, kReasonMax)
             .doc("Why; status, events and explain show it.")
             .example("\"database migration\""),
         field("until", &P::until)
             .required()
             .style(TimeStyle::AsNeeded)
             .doc("When it ends by itself.")
             .example("\"2026-12-01T00:00:00Z\"")},
        {rule<P>(
            "self.scaleUp || self.scaleDown", [](const P& p) { return p.scale_up || p.scale_down; },
            "", "must set scaleUp, scaleDown or both to true")}};
    return kTable;
}

template <>
const Struct<FlapBudget>& table<FlapBudget>() {
    using B = FlapBudget;
    static const Struct<B> kTable{
        "FlapBudget",
        "How often replicas may turn from growing to shrinking or back. When it is spent, a "
        "scale-down that would turn again waits; a scale-up never does.",
        {field("maxDirectionChanges", &B::max_direction_changes)
             .default_to(4)
             .between(1, 32)
             .doc("Turns within the period.")
             .example("4"),
         field("periodSeconds", &B::period_seconds)
             .default_to(3600)
             .between(60, kDaySeconds)
             .unit("seconds")
             .doc("The period, which ends now.")
             .example("3600")}};
    return kTable;
}

template <>
const Struct<ScaleToZero>& table<ScaleToZero>() {
    using Z = ScaleToZero;
    static const Struct<Z> kTable{
        "ScaleToZero",
        "How the last pod goes, with minReplicas 0. The first comes as soon as a metric of the "
        "whole target is above its activationThreshold.",
        {field("gracePeriodSeconds", &Z::grace_period_seconds)
             .default_to(300)
             .between(0, kDaySeconds)
             .unit("seconds")
             .doc("How long all these metrics have to be at or below their thresholds.")
             .example("300")}};
    return kTable;
}

template <>
const Struct<RebalanceRequest>& table<RebalanceRequest>() {
    using R = RebalanceRequest;
    static const Struct<R> kTable{
        "RebalanceRequest",
        "Once: go to the replicas that meet the aim although the usage is inside the band. "
        "Windows, "
        "rates and bounds hold. Ends when they are reached, or an hour after it was requested.",
        {field("requestedAt", &R::requested_at)
             .required()
             .style(TimeStyle::AsNeeded)
             .doc("When; a later time requests it anew.")
             .example("\"2026-12-01T00:00:00Z\"")}};
    return kTable;
}

template <>
const Struct<NamespaceFreeze>& table<NamespaceFreeze>() {
    using F = NamespaceFreeze;
    static const Struct<F> kTable{
        "NamespaceFreeze",
        "The annotation chatflow.dev/freeze of the namespace.",
        {field("reason", &F::reason).size(0, kReasonMax).doc("Its value."),
         field("until", &F::until)
             .style(TimeStyle::AsNeeded)
             .doc("That of chatflow.dev/freeze-until.")}};
    return kTable;
}

template <>
const Struct<ActiveControl>& table<ActiveControl>() {
    using C = ActiveControl;
    static const Struct<C> kTable{
        "ActiveControl",
        "A control that was in force.",
        {field("type", &C::type).required().doc("Which.").example("Override"),
         field("name", &C::name).size(0, kLabelMax).doc("Of a schedule."),
         field("reason", &C::reason).size(0, kReasonMax).doc("As it was given."),
         field("until", &C::until)
             .style(TimeStyle::AsNeeded)
             .doc("When it ends; without it, when somebody ends it.")}};
    return kTable;
}

template <>
const Struct<ReplicaBounds>& table<ReplicaBounds>() {
    using B = ReplicaBounds;
    static const Struct<B> kTable{
        "ReplicaBounds",
        "Bounds in force.",
        {field("min", &B::min).between(0, kReplicasMax).unit("pods").doc("Never fewer."),
         field("max", &B::max).between(0, kReplicasMax).unit("pods").doc("Never more.")}};
    return kTable;
}

}  // namespace chatflow::api::schema
