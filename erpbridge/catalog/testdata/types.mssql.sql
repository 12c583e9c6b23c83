CREATE TABLE dbo.kinds (
  c_char char(5) NULL, c_nchar nchar(5) NULL, c_varchar varchar(10) NULL, c_nvarchar nvarchar(10) NULL, c_max nvarchar(max) NULL, c_text varchar(max) NULL,
  c_tinyint tinyint NULL, c_smallint smallint NULL, c_int int NULL, c_bigint bigint NULL,
  c_decimal decimal(18,4) NULL, c_numeric numeric(9,2) NULL, c_money money NULL, c_smallmoney smallmoney NULL, c_float float NULL, c_real real NULL, c_bit bit NULL,
  c_date date NULL, c_datetime datetime NULL, c_datetime2 datetime2(3) NULL, c_smalldatetime smalldatetime NULL, c_time time(0) NULL,
  c_varbinary varbinary(8) NULL, c_guid uniqueidentifier NULL, c_must varchar(4) NOT NULL DEFAULT 'x')
