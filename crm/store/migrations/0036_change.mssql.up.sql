-- How often that has changed which key figures are counted from, by months of the records, kept by triggers whoever
-- writes: a figure that was counted is shown again for as long as these numbers stand. n counts the changes; mark is
-- drawn anew with each, so that a number that comes again, as after a backup was put back, is no state that was.
-- Each connection counts in rows of its own (slot), so that no writer waits for another.
CREATE TABLE crm_change (
	slot INT NOT NULL,
	company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL,
	topic NVARCHAR(12) COLLATE Latin1_General_100_BIN2 NOT NULL,
	part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL,
	n BIGINT NOT NULL,
	mark BIGINT NOT NULL,
	CONSTRAINT pk_crm_change PRIMARY KEY (slot, company, topic, part)
);
GO
CREATE TRIGGER tr_change_lead ON crm_lead AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(arrived_at) OR UPDATE(first_response_at) OR UPDATE(converted_at) OR UPDATE(merged_into) OR UPDATE(source) OR UPDATE(campaign) OR UPDATE(party_id) OR UPDATE(owner_user) OR UPDATE(owner_team)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, CONVERT(NVARCHAR(7), x.arrived_at, 120) FROM (SELECT company, arrived_at FROM INSERTED UNION SELECT company, arrived_at FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'lead' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'lead', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'lead' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_activity ON crm_activity AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(at) OR UPDATE(kind) OR UPDATE(state) OR UPDATE(is_open) OR UPDATE(minutes) OR UPDATE(opportunity_id) OR UPDATE(party_id) OR UPDATE(created_by) OR UPDATE(delegated_by) OR UPDATE(owner_user) OR UPDATE(owner_team)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, CONVERT(NVARCHAR(7), x.at, 120) FROM (SELECT company, at FROM INSERTED UNION SELECT company, at FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'activity' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'activity', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'activity' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_opportunity ON crm_opportunity AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(created_at) OR UPDATE(closed_at) OR UPDATE(state) OR UPDATE(expected_revenue) OR UPDATE(currency) OR UPDATE(source) OR UPDATE(campaign) OR UPDATE(lost_reason) OR UPDATE(pipeline_id) OR UPDATE(lead_id) OR UPDATE(owner_user) OR UPDATE(owner_team)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, CONVERT(NVARCHAR(7), x.created_at, 120) FROM (SELECT company, created_at FROM INSERTED UNION SELECT company, created_at FROM DELETED) AS x
		UNION SELECT x.company, CONVERT(NVARCHAR(7), x.closed_at, 120) FROM (SELECT company, closed_at FROM INSERTED UNION SELECT company, closed_at FROM DELETED) AS x WHERE x.closed_at IS NOT NULL;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'opportunity' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'opportunity', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'opportunity' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_opportunity_line ON crm_opportunity_line AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(opportunity_id) OR UPDATE(product_group) OR UPDATE(quantity) OR UPDATE(unit_price) OR UPDATE(amount)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT o.company, CONVERT(NVARCHAR(7), o.created_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id
		UNION SELECT o.company, CONVERT(NVARCHAR(7), o.closed_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id WHERE o.closed_at IS NOT NULL;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'opportunity' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'opportunity', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'opportunity' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_opportunity_seller ON crm_opportunity_seller AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(opportunity_id) OR UPDATE(user_id) OR UPDATE(share)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT o.company, CONVERT(NVARCHAR(7), o.created_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id
		UNION SELECT o.company, CONVERT(NVARCHAR(7), o.closed_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id WHERE o.closed_at IS NOT NULL;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'opportunity' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'opportunity', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'opportunity' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_competitor ON crm_competitor AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(opportunity_id) OR UPDATE(name)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT o.company, CONVERT(NVARCHAR(7), o.created_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id
		UNION SELECT o.company, CONVERT(NVARCHAR(7), o.closed_at, 120) FROM (SELECT opportunity_id FROM INSERTED UNION SELECT opportunity_id FROM DELETED) AS x JOIN crm_opportunity AS o WITH (UPDLOCK, ROWLOCK) ON o.id = x.opportunity_id WHERE o.closed_at IS NOT NULL;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'opportunity' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'opportunity', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'opportunity' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_stage_move ON crm_stage_move AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(moved_at) OR UPDATE(opportunity_id) OR UPDATE(from_stage) OR UPDATE(to_stage) OR UPDATE(seconds)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, CONVERT(NVARCHAR(7), x.moved_at, 120) FROM (SELECT company, moved_at FROM INSERTED UNION SELECT company, moved_at FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'move' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'move', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'move' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_line_cost ON crm_line_cost AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(line_id) OR UPDATE(known) OR UPDATE(unit_cost)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, N'' FROM (SELECT company FROM INSERTED UNION SELECT company FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'cost' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'cost', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'cost' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_rate ON crm_rate AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(currency) OR UPDATE(since) OR UPDATE(rate)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, N'' FROM (SELECT company FROM INSERTED UNION SELECT company FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'rate' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'rate', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'rate' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_custom_value ON crm_custom_value AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(record_id) OR UPDATE(field_id) OR UPDATE(text_value) OR UPDATE(text_key) OR UPDATE(number_value) OR UPDATE(time_value)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, N'' FROM (SELECT company FROM INSERTED UNION SELECT company FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'custom' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'custom', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'custom' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_party ON crm_party AFTER UPDATE AS
BEGIN
	SET NOCOUNT ON;
	IF NOT (UPDATE(company) OR UPDATE(merged_into) OR UPDATE(employer_id) OR UPDATE(owner_user) OR UPDATE(owner_team)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, N'' FROM (SELECT company FROM INSERTED UNION SELECT company FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'sight' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'sight', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'sight' AND c.part = m.part);
END;
GO
CREATE TRIGGER tr_change_party_share ON crm_party_share AFTER INSERT, UPDATE, DELETE AS
BEGIN
	SET NOCOUNT ON;
	IF EXISTS (SELECT 1 FROM INSERTED) AND EXISTS (SELECT 1 FROM DELETED) AND NOT (UPDATE(company) OR UPDATE(party_id) OR UPDATE(user_id)) RETURN;
	DECLARE @moved TABLE (company NVARCHAR(40) COLLATE Latin1_General_100_BIN2 NOT NULL, part NVARCHAR(7) COLLATE Latin1_General_100_BIN2 NOT NULL);
	INSERT INTO @moved (company, part)
		SELECT x.company, N'' FROM (SELECT company FROM INSERTED UNION SELECT company FROM DELETED) AS x;
	UPDATE crm_change SET n = n + 1, mark = ABS(CAST(CHECKSUM(NEWID()) AS BIGINT))
		WHERE slot = @@SPID % 1024 AND topic = N'sight' AND EXISTS (SELECT 1 FROM @moved AS m WHERE m.company = crm_change.company AND m.part = crm_change.part);
	INSERT INTO crm_change (slot, company, topic, part, n, mark)
		SELECT @@SPID % 1024, m.company, N'sight', m.part, 1, ABS(CAST(CHECKSUM(NEWID()) AS BIGINT)) FROM (SELECT DISTINCT company, part FROM @moved) AS m
		WHERE NOT EXISTS (SELECT 1 FROM crm_change AS c WHERE c.slot = @@SPID % 1024 AND c.company = m.company AND c.topic = N'sight' AND c.part = m.part);
END;
