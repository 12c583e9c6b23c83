package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/crmplus/crmplus/crm"
	"github.com/crmplus/crmplus/crm/store"
)

// metrics are what Prometheus reads. No label is ever a path, a key or a person.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	running  prometheus.Gauge
}

func newMetrics(db *store.DB, module *crm.Module) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "crmplus_http_requests_total", Help: "Requests by method, route and status."}, []string{"method", "route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "crmplus_http_request_duration_seconds", Help: "How long requests took.",
			Buckets: []float64{0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10},
		}, []string{"method", "route"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "crmplus_http_requests_running", Help: "Requests under way."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.running, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewDBStatsCollector(db.SQL(), "crmplus"), background{module})
	return m
}

func (m *metrics) note(r *http.Request, code int, took time.Duration) {
	m.requests.WithLabelValues(method(r), route(r), strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(method(r), route(r)).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// background reads the outboxes and the work of this process when it is asked.
type background struct{ module *crm.Module }

var (
	waiting  = prometheus.NewDesc("crmplus_queue_waiting", "What waits in an outbox: events, requests, host_calls, webhooks, mails.", []string{"queue"}, nil)
	failed   = prometheus.NewDesc("crmplus_queue_failed", "What was given up or waits for a person.", []string{"queue"}, nil)
	overdue  = prometheus.NewDesc("crmplus_queue_overdue_seconds", "How long what waits longest has been due.", []string{"queue"}, nil)
	readable = prometheus.NewDesc("crmplus_queue_readable", "1 where the outboxes could be read.", nil, nil)
	atWork   = prometheus.NewDesc("crmplus_worker_alive", "1 where a piece of background work goes on.", []string{"work"}, nil)
	looked   = prometheus.NewDesc("crmplus_worker_last_seconds", "How long ago it last looked for work.", []string{"work"}, nil)
	failures = prometheus.NewDesc("crmplus_worker_failures_total", "Looks that failed.", []string{"work"}, nil)
)

// Describe names the figures.
func (background) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{waiting, failed, overdue, readable, atWork, looked, failures} {
		out <- d
	}
}

// Collect reads the figures.
func (b background) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	now := time.Now()
	for _, beat := range b.module.Beats() {
		gauge(atWork, bit(beat.Alive(now)), beat.Name)
		gauge(looked, now.Sub(beat.At).Seconds(), beat.Name)
		out <- prometheus.MustNewConstMetric(failures, prometheus.CounterValue, float64(beat.Failures), beat.Name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkWithin)
	defer cancel()
	list, err := b.module.Backlog(ctx)
	gauge(readable, bit(err == nil))
	for _, d := range list {
		gauge(waiting, float64(d.Waiting), d.Queue)
		gauge(failed, float64(d.Failed), d.Queue)
		late := 0.0
		if !d.Oldest.IsZero() {
			late = max(0, now.Sub(d.Oldest).Seconds())
		}
		gauge(overdue, late, d.Queue)
	}
}

func bit(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
